import { parseMetricLine } from "./metric-line";

test.each<[string, number, Record<string, number | null>]>([
  ["epoch 3 loss 0.41", 3, { loss: 0.41 }],
  ["Epoch 3/10 - loss: 0.41 - val_acc: 0.9", 3, { loss: 0.41, val_acc: 0.9 }],
  ["step=120 loss=0.5", 120, { loss: 0.5 }],
  ["epoch  2  train loss 0.7500  accuracy 0.875", 2, { train_loss: 0.75, accuracy: 0.875 }],
  ["[epoch 2, batch 30/100] loss: 1e-3", 230, { loss: 0.001 }],
  ["Iteration 5, loss = 0.693", 5, { loss: 0.693 }],
  ["{'loss': 0.41, 'learning_rate': 5e-05, 'epoch': 0.5}", 0.5, { loss: 0.41, learning_rate: 0.00005 }],
  ["epoch 4 loss nan", 4, { loss: null }],
  ["train:  30%|###   | 3/10 [00:01<00:02, 3.0it/s, loss=0.5, lr=0.01]", 3, { loss: 0.5, lr: 0.01 }],
])("%s", (line, step, values) => {
  const found = parseMetricLine(line);
  expect([found?.step, Object.fromEntries(found?.values ?? [])]).toEqual([step, values]);
});

test.each([
  "loss 0.41",
  "epoch 3 begins, seed 42",
  "epoch 3 took 0.41 s",
  "learning at 12:30, step by step",
  "epoch 3 loss: see below",
  "epoch 3 loss 5/10",
  "the loss of step two was 4",
  "45%|####  | 45/100 [00:12<00:15, 3.5it/s]",
  `epoch 1 loss 0.5 ${"x".repeat(5000)}`,
])("no metric: %s", (line) => {
  expect(parseMetricLine(line)).toBeNull();
});
