/* Preact and htm under one name, so that views import from one place. */
import { Component, Fragment, createContext, createRef, h, render } from "preact";
import {
  useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState,
} from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export {
  Component, Fragment, createContext, createRef, h, render,
  useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState,
};
