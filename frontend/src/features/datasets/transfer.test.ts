import { mountName, nameProblem } from "./mount-name";
import { snippetFor } from "./snippet";
import { fingerprintOf, freeName, secondsLeft, speedOf, withSample, type Transfer } from "./transfer";

test("the speed is that of the last seconds", () => {
  let samples = withSample([], 0, 0);
  samples = withSample(samples, 10_000, 1_000);
  samples = withSample(samples, 11_000, 3_000);
  samples = withSample(samples, 12_000, 5_000);
  expect(speedOf(samples)).toBe(2_000);
});

test("nothing is said of the speed before there is something to tell it by", () => {
  expect(speedOf([])).toBeNull();
  expect(speedOf(withSample(withSample([], 0, 0), 100, 50))).toBeNull();
});

test("the time that is left follows from the speed", () => {
  const transfer = { bytes: 1000, sent: 400, speed: 200 } as Transfer;
  expect(secondsLeft(transfer)).toBe(3);
  expect(secondsLeft({ ...transfer, speed: null })).toBeNull();
});

test("a file is known again by name, size and date, and no other is", () => {
  const file = { name: "a.csv", size: 5, lastModified: 7 };
  const prints = [file, { ...file, size: 6 }, { ...file, lastModified: 8 }, { ...file, name: "b.csv" }];
  expect(new Set(prints.map(fingerprintOf)).size).toBe(4);
  expect(fingerprintOf({ ...file, name: "x".repeat(500) })).toHaveLength(200);
});

test("a name that is taken gets a number before its ending", () => {
  expect(freeName("train.csv", new Set(["train.csv"]))).toBe("train-2.csv");
  expect(freeName("train.csv", new Set(["train.csv", "train-2.csv"]))).toBe("train-3.csv");
  expect(freeName("README", new Set(["README"]))).toBe("README-2");
});

test("every name becomes one that a run can have", () => {
  for (const name of ["my data (1).csv", "größe.csv", "..", "/", "x".repeat(300)]) {
    expect(nameProblem([{ id: "1", name: mountName(name) }])).toBeNull();
  }
});

test("what is wrong with chosen names is said", () => {
  expect(nameProblem([{ id: "1", name: "a b" }])).toMatch("a b");
  expect(
    nameProblem([
      { id: "1", name: "a" },
      { id: "2", name: "a" },
    ]),
  ).toMatch("same name");
});

test.each([
  ["train.csv", 'pd.read_csv("/workspace/data/train.csv")'],
  ["my images.zip", 'ZipFile("/workspace/data/my_images.zip")'],
  ["model.bin", 'open("/workspace/data/model.bin", "rb")'],
])("%s is read by the code that is shown", (name, code) => {
  expect(snippetFor(name).code).toContain(code);
});
