import { PLAIN } from "../../lib/ansi-style";
import { markSpans } from "./mark-spans";

test("a match that begins in one colour and ends in another is marked in both", () => {
  const bold = { bold: true };
  const spans = [
    { text: "one tw", style: PLAIN },
    { text: "o three", style: bold },
  ];
  expect(markSpans(spans, [[4, 7]])).toEqual([
    { span: { text: "one ", style: PLAIN }, isMarked: false },
    { span: { text: "tw", style: PLAIN }, isMarked: true },
    { span: { text: "o", style: bold }, isMarked: true },
    { span: { text: " three", style: bold }, isMarked: false },
  ]);
});

test("without a match the spans stay as they are", () => {
  const spans = [{ text: "one", style: PLAIN }];
  expect(markSpans(spans, [])).toEqual([{ span: spans[0], isMarked: false }]);
});
