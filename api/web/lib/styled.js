/* Styles that come with what needs them. */
const asked = new Map();

/** Resolves once the style sheet at `address` counts. `first` puts it before the page's own. */
export function styled(address, { first = false } = {}) {
  if (!asked.has(address)) {
    asked.set(address, new Promise((resolve, reject) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = address;
      link.onload = resolve;
      link.onerror = () => {
        asked.delete(address);
        reject(new Error(address));
      };
      if (first) document.head.prepend(link);
      else document.head.append(link);
    }));
  }
  return asked.get(address);
}
