/* The page's words in two languages. A view adds its own file to both folders of words/. */
import { kept, useSignal } from "./signal.js";
import en from "../words/en/index.js";
import zh from "../words/zh/index.js";

const WORDS = { en, zh };
export const LANGUAGES = [["en", "English"], ["zh", "中文"]];

export const language = kept(
  "casetrace.language",
  navigator.language?.toLowerCase().startsWith("zh") ? "zh" : "en",
  Object.keys(WORDS),
);

/** The text of `key`, with `{name}` filled in from `values`; the key itself where there is none. */
export function t(key, values = {}) {
  const text = WORDS[language.value][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Whether there are words for `key`. */
export function has(key) {
  return key in WORDS.en;
}

export function useLanguage() {
  return useSignal(language);
}

/** A number in the way of the language. */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);
}

/** A share as a whole percentage that never rounds up to "all" or down to "none". */
export function percent(share) {
  if (share > 0 && share < 0.01) return "<1 %";
  if (share > 0.99 && share < 1) return ">99 %";
  return `${Math.round(share * 100)} %`;
}

export function locale() {
  return language.value === "zh" ? "zh-CN" : "en-GB";
}
