import type { Problem } from "./types";

/** The server refused, and said why; `retryAfterS` is when it is worth asking again, if it said so. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterS: number | null = null,
  ) {
    super(describeProblem(problem));
    this.name = "ProblemError";
  }
}

/** The server did not answer at all: nothing is known about what became of the request. */
export class UnreachableError extends Error {
  constructor(message = "The server cannot be reached. Check your connection and try again.") {
    super(message);
    this.name = "UnreachableError";
  }
}

/** One text for people: what is wrong, with the fields named when there are any. */
export function describeProblem(problem: Problem): string {
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
  return fields.length > 0 ? fields.join("; ") : problem.detail || problem.title;
}

/** The problem in an answer; one made from the status when the body is not a problem document. */
export async function problemFrom(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  if (isProblem(body)) return body;
  const title = response.statusText || "Unexpected answer";
  return { type: "about:blank", title, status: response.status, detail: `${title} (${response.status})` };
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value && "status" in value;
}

/** The text to show for whatever a request failed with. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (isProblem(error)) return describeProblem(error);
  return "Something went wrong. Try again.";
}
