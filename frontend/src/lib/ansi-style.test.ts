import { applySgr } from "./ansi-style";

test.each([
  ["31", { fg: 1 }],
  ["97", { fg: 15 }],
  ["1;42", { bold: true, bg: 2 }],
  ["38;5;196", { fg: "rgb(255 0 0)" }],
  ["38;5;244", { fg: "rgb(128 128 128)" }],
  ["48;2;1;2;3", { bg: "rgb(1 2 3)" }],
  ["1;0", {}],
  ["", {}],
  ["12345", {}],
])("the style of SGR %j", (parameters, style) => {
  expect(applySgr({}, parameters)).toEqual(style);
});
