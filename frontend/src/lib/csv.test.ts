import { parseCsv } from "./csv";

test("values, quotes, doubled quotes and line breaks within quotes are told apart", () => {
  expect(parseCsv('a,b\r\n1,"x, ""y""\nz"\r\n2,\r\n', 10)).toEqual({
    header: ["a", "b"],
    rows: [
      ["1", 'x, "y"\nz'],
      ["2", ""],
    ],
    cut: false,
  });
});

test("semicolons and tabs separate as well", () => {
  expect(parseCsv("a;b\n1,5;2", 10).rows).toEqual([["1,5", "2"]]);
  expect(parseCsv("a\tb\n1\t2", 10).rows).toEqual([["1", "2"]]);
});

test("no more rows than asked for are shown, and it is said that there are more", () => {
  const table = parseCsv("a\n1\n2\n3\n", 2);
  expect(table.rows).toEqual([["1"], ["2"]]);
  expect(table.cut).toBe(true);
  expect(parseCsv("a\n1\n2\n", 2).cut).toBe(false);
});

test("of a text that is cut, the half of the last row is left out", () => {
  expect(parseCsv("a,b\n1,2\n3,", 10, false)).toEqual({ header: ["a", "b"], rows: [["1", "2"]], cut: true });
});

test("nothing is an empty table", () => {
  expect(parseCsv("", 10)).toEqual({ header: [], rows: [], cut: false });
});
