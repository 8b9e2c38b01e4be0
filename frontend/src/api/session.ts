import { Observable } from "../lib/observable";
import { readStored, readStoredJson, writeStored } from "../lib/storage";
import { problemFrom, ProblemError, UnreachableError } from "./problem";
import type { TokenPair, User } from "./types";

/**
 * `restoring` until a stored session is renewed; `expired` keeps the user, whose work is still on the screen;
 * `signed-out` is where a session begins and where the user ended it.
 */
export interface SessionState {
  status: "restoring" | "signed-in" | "expired" | "signed-out";
  user: User | null;
}

export interface Credentials {
  email: string;
  password: string;
}

const REFRESH_TOKEN_KEY = "byteme.refresh-token";
const ACCESS_KEY = "byteme.access";
/** An access token is renewed this long before its end, so that no request meets it dead. */
const RENEW_EARLY_MS = 30_000;

/** Nobody is signed in (any more). */
class SignedOutError extends Error {
  constructor() {
    super("You are signed out.");
    this.name = "SignedOutError";
  }
}

/** What a reload of this tab continues with. */
interface Access {
  token: string;
  /** In milliseconds since 1970. */
  validUntil: number;
  user: User;
}

/**
 * Who is signed in. A refresh token is spent by its use, and one used twice ends the session; so its uses are serialised,
 * within the page by one shared promise, between tabs by a lock, and the access token outlives a reload of its tab: else
 * a page reloaded during a renewal would come back with a token already spent.
 */
export class Session {
  readonly state: Observable<SessionState>;
  private access: Access | null;
  private renewal: Promise<string> | null = null;

  constructor(private readonly base = `${location.origin}/api/v1`) {
    const isStored = readStored(REFRESH_TOKEN_KEY) !== null;
    this.access = isStored ? readAccess() : null;
    const user = this.access?.user ?? null;
    const status = user ? "signed-in" : isStored ? "restoring" : "signed-out";
    this.state = new Observable<SessionState>({ status, user });
    window.addEventListener("storage", (event) => this.onStoredElsewhere(event));
  }

  /** Continues the session a former page left. Throws why that cannot be decided now; it can be called again. */
  async restore(): Promise<void> {
    if (this.state.get().status !== "restoring") return;
    await this.renew().catch((error: unknown) => {
      if (this.state.get().status === "restoring") throw error;
    });
  }

  /** Throws ProblemError (wrong email or password, locked out) or UnreachableError; the session is then unchanged. */
  async signIn(credentials: Credentials): Promise<void> {
    this.accept((await this.post("/auth/login", credentials)) as TokenPair);
  }

  /** Creates the account and signs in. Throws ProblemError or UnreachableError. */
  async register(credentials: Credentials): Promise<void> {
    await this.post("/auth/register", credentials);
    await this.signIn(credentials);
  }

  /** Ends the session here at once; the server is told so that it forgets the tokens too. */
  async signOut(): Promise<void> {
    const token = this.access?.token;
    this.forget();
    if (token) await this.post("/auth/logout", undefined, token).catch(() => undefined);
  }

  /** A token that is still valid, renewed when needed. Rejects once the session is over, or with UnreachableError. */
  async token(): Promise<string> {
    return this.access && Date.now() < this.access.validUntil ? this.access.token : this.renew();
  }

  /** A new token in place of one the server refused; concurrent callers share one renewal. */
  renew(): Promise<string> {
    this.renewal ??= exclusively(() => this.useRefreshToken()).finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async useRefreshToken(): Promise<string> {
    const refreshToken = readStored(REFRESH_TOKEN_KEY);
    const { status } = this.state.get();
    if (!refreshToken && (status === "signed-in" || status === "restoring")) this.expire();
    if (!refreshToken || status === "expired") throw new SignedOutError();
    try {
      const pair = (await this.post("/auth/refresh", undefined, refreshToken)) as TokenPair;
      if (readStored(REFRESH_TOKEN_KEY) !== refreshToken) throw new SignedOutError();
      return this.accept(pair);
    } catch (error) {
      if (error instanceof ProblemError && isRejection(error)) this.expire();
      throw error;
    }
  }

  private accept(pair: TokenPair): string {
    const { access_token: token, user } = pair;
    this.access = { token, user, validUntil: Date.now() + pair.expires_in * 1000 - RENEW_EARLY_MS };
    writeStored(REFRESH_TOKEN_KEY, pair.refresh_token);
    writeStored(ACCESS_KEY, JSON.stringify(this.access), "sessionStorage");
    const before = this.state.get();
    if (before.status !== "signed-in" || before.user?.id !== user.id) {
      this.state.set({ status: "signed-in", user });
    }
    return token;
  }

  /** The dead token stays stored: other tabs find out by themselves, and keep what they show. */
  private expire(): void {
    const { user } = this.state.get();
    this.access = null;
    writeStored(ACCESS_KEY, null, "sessionStorage");
    this.state.set(user ? { status: "expired", user } : { status: "signed-out", user: null });
  }

  private forget(): void {
    this.access = null;
    writeStored(REFRESH_TOKEN_KEY, null);
    writeStored(ACCESS_KEY, null, "sessionStorage");
    this.state.set({ status: "signed-out", user: null });
  }

  /** Signing out in one tab signs out in all. */
  private onStoredElsewhere({ key, newValue }: StorageEvent): void {
    if (key === REFRESH_TOKEN_KEY && newValue === null) this.forget();
  }

  private async post(path: string, body: unknown, token?: string): Promise<unknown> {
    const headers = new Headers();
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (token) headers.set("Authorization", `Bearer ${token}`);
    const response = await fetch(this.base + path, {
      method: "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch(() => {
      throw new UnreachableError();
    });
    if (!response.ok) throw await failureOf(response);
    return response.status === 204 ? null : await response.json();
  }
}

function readAccess(): Access | null {
  const stored = readStoredJson(ACCESS_KEY, "sessionStorage") as Partial<Access> | null;
  return stored?.token && stored.validUntil && stored.user ? (stored as Access) : null;
}

async function failureOf(response: Response): Promise<Error> {
  const gatewayOnly = response.status === 502 || response.status === 503 || response.status === 504;
  if (gatewayOnly) return new UnreachableError();
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  return new ProblemError(await problemFrom(response), Number.isFinite(seconds) ? seconds : null);
}

function isRejection(error: ProblemError): boolean {
  return error.problem.status === 401 || error.problem.status === 403;
}

/** Web locks exist on HTTPS and loopback only; elsewhere two tabs renewing at the same moment may meet a spent token. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- absent from insecure pages and from jsdom
  return navigator.locks ? await navigator.locks.request("byteme.session", work) : await work();
}
