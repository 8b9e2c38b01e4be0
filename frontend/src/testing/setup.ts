import "@testing-library/jest-dom";
import { configure } from "@testing-library/react";

// What jsdom lacks.
const nothing = (): void => undefined;
globalThis.ResizeObserver = class {
  observe = nothing;
  unobserve = nothing;
  disconnect = nothing;
};
window.matchMedia = (media) =>
  ({
    matches: false,
    media,
    addEventListener: nothing,
    removeEventListener: nothing,
    addListener: nothing,
    removeListener: nothing,
  }) as unknown as MediaQueryList;
window.HTMLElement.prototype.scrollIntoView = nothing;
globalThis.BroadcastChannel = class {
  onmessage = null;
  postMessage = nothing;
  close = nothing;
} as unknown as typeof BroadcastChannel;
URL.createObjectURL = () => "blob:test";
URL.revokeObjectURL = nothing;

// A busy machine is no failure.
configure({ asyncUtilTimeout: 15_000 });

// Tooltips, tabs and lazy parts change on timers of their own; the tests wait for what they look for instead.
const HARMLESS = /not wrapped in act|suspended resource finished loading/;
const complaints: unknown[][] = [];
console.error = (...words: unknown[]) => {
  if (!HARMLESS.test(String(words[0]))) complaints.push(words);
};

afterEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  jest.restoreAllMocks();
  expect(complaints.splice(0)).toEqual([]);
});
