type Answer = Response | Promise<Response>;
type Handler = (request: Request) => Answer;

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { "Content-Type": type, ...headers },
  });
}

/**
 * Answers `fetch` below /api/v1 by "METHOD /path"; what is not listed answers 404. Returns the list of requests made,
 * as "METHOD /path", which grows as they come.
 */
export function serve(handlers: Record<string, Handler>): string[] {
  const requests: string[] = [];
  jest.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const name = `${request.method} ${pathname.replace("/api/v1", "")}`;
    requests.push(name);
    const handler = handlers[name];
    return Promise.resolve(handler ? handler(request) : json({ title: "Not found", status: 404 }, 404));
  });
  return requests;
}
