import { parseProgress } from "./progress";

/** Numbers recognised in a line of output, with the step they belong to. */
interface LineMetrics {
  step: number;
  values: [name: string, value: number | null][];
}

const MAX_LINE = 1000;
const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|[-+]?inf(?:inity)?`;
/** A counter: "epoch 3", "Epoch 3/10", "step=120", "[iter 5/20]", "'epoch': 0.5". */
const COUNTER =
  /\b(epoch|global_step|step|iteration|iter|it|batch|round|episode)s?['"]?\s*[:=#]?\s*\[?(\d+(?:\.\d+)?)(?:\s*(?:\/|of)\s*(\d+))?/gi;
const PAIR = new RegExp(
  String.raw`(?<![\w./@-])['"]?([a-z][\w./@-]*(?: (?:loss|acc|accuracy))?)['"]?\s*(?:[:=]\s*|\s+)(${NUMBER})(?![\w/:]|\.\d|\s*/)`,
  "gi",
);
/** What a metric's name ends with: so `val_acc` and `train/loss` are metrics, `seed` and `size` are not. */
const METRIC =
  /(?:^|[\s_./@-])(?:\w*loss|acc|accuracy|f1|auc|auroc|lr|learning_rate|mae|mse|rmse|r2|ppl|perplexity|precision|recall|iou|miou|dice|bleu|rouge\w*|reward|return|score|cer|wer|psnr|ssim|fid|grad_norm)$/i;
const WHOLE = new Set(["epoch", "round", "episode"]);

/**
 * The metrics a line of output tells, as programs print them while they train; null for any other line. Only lines that
 * name their step (`epoch 3 loss 0.41`, `step=120 loss=0.5`, a progress bar with values behind it) and only names that
 * are metrics count: a wrong curve is worse than none.
 */
export function parseMetricLine(line: string): LineMetrics | null {
  if (line.length > MAX_LINE || !/\d/.test(line)) return null;
  const progress = line.includes("%|") ? parseProgress(line) : null;
  const step = progress ? Number(progress.done) : stepOf(line);
  if (step === null || !Number.isFinite(step)) return null;
  const values = valuesIn(progress ? progress.note : line);
  return values.length > 0 ? { step, values } : null;
}

/** Epoch 2, batch 30 of 100 is step 230; a counter without its end counts alone. */
function stepOf(line: string): number | null {
  let whole: number | null = null;
  let part: { at: number; of: number | null } | null = null;
  for (const [, name = "", at = "", of] of line.matchAll(COUNTER)) {
    if (WHOLE.has(name.toLowerCase())) whole ??= Number(at);
    else part ??= { at: Number(at), of: of ? Number(of) : null };
  }
  if (!part) return whole;
  return whole !== null && part.of !== null ? whole * part.of + part.at : part.at;
}

function valuesIn(text: string): LineMetrics["values"] {
  const values = new Map<string, number | null>();
  for (const [, found = "", number = ""] of text.matchAll(PAIR)) {
    const name = found.trim().replace(/\s+/g, "_");
    if (!METRIC.test(name) || values.has(name)) continue;
    const value = Number(number);
    values.set(name, Number.isFinite(value) ? value : null);
  }
  return [...values];
}
