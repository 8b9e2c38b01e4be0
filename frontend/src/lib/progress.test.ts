import { parseProgress } from "./progress";

test("a bar as tqdm draws it", () => {
  expect(parseProgress("epoch 1:  45%|████▌     | 45/100 [00:12<00:15,  3.50it/s, loss=0.41]")).toEqual({
    label: "epoch 1",
    percent: 45,
    done: "45",
    total: "100",
    elapsed: "00:12",
    left: "00:15",
    note: "3.50it/s, loss=0.41",
  });
});

test("a bar without a label, with scaled numbers, before its speed is known", () => {
  expect(parseProgress("  0%|          | 0.00/1.50k [00:00<?, ?B/s]")).toMatchObject({
    label: "",
    percent: 0,
    total: "1.50k",
    left: "?",
  });
});

test.each(["50% done", "a|b|c", "", "100%|", "x: 5%|| 1/2"])("no bar: %j", (line) => {
  expect(parseProgress(line)).toBeNull();
});
