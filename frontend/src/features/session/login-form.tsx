import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useRef, useState } from "react";

import { errorText, ProblemError } from "../../api/problem";
import type { Credentials } from "../../api/session";
import { PasswordField } from "../../components/password-field";
import { useNow } from "../../lib/use-now";

export type FormMode = "sign-in" | "register";

interface LoginFormProps {
  mode: FormMode;
  /** Given when only this account may sign in, as after an expired session. */
  fixedEmail?: string;
  /** Rejects with what went wrong; the form then says so and keeps what was typed. */
  onSubmit: (credentials: Credentials) => Promise<void>;
}

type FieldErrors = Partial<Record<keyof Credentials, string>>;

/** What is missing before the server need be asked. */
function missing({ email, password }: Credentials): FieldErrors {
  return {
    ...(email.trim() ? {} : { email: "Enter your email address" }),
    ...(password ? {} : { password: "Enter your password" }),
  };
}

/** The errors a server named by field, for the fields of this form. */
function fieldErrors(error: unknown): FieldErrors {
  if (!(error instanceof ProblemError)) return {};
  const named = (error.problem.errors ?? []).filter(({ field }) => field === "email" || field === "password");
  return Object.fromEntries(named.map(({ field, message }) => [field, message]));
}

/** Until when, in milliseconds since 1970, the server refuses every attempt; 0 when it does not. */
function lockedUntilOf(error: unknown, now: number): number {
  const isLocked = error instanceof ProblemError && error.problem.status === 429;
  return isLocked ? now + (error.retryAfterS ?? 1) * 1000 : 0;
}

export function LoginForm({ mode, fixedEmail, onSubmit }: LoginFormProps): React.JSX.Element {
  const [credentials, setCredentials] = useState<Credentials>({ email: fixedEmail ?? "", password: "" });
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [lockedUntil, setLockedUntil] = useState(0);
  const now = useNow(lockedUntil > 0 ? 250 : null);
  const lockedS = Math.max(0, Math.ceil((lockedUntil - now) / 1000));
  const alert = useRef<HTMLDivElement>(null);

  const submit = async (event: React.SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const absent = missing(credentials);
    setErrors(absent);
    setFailure(null);
    if (Object.keys(absent).length > 0 || lockedS > 0) return;
    setBusy(true);
    try {
      await onSubmit({ ...credentials, email: credentials.email.trim() });
    } catch (error) {
      const named = fieldErrors(error);
      setErrors(named);
      setFailure(Object.keys(named).length > 0 ? null : errorText(error));
      setLockedUntil(lockedUntilOf(error, Date.now()));
      setBusy(false);
      alert.current?.focus();
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack spacing={2}>
        <TextField
          label="Email"
          type="email"
          autoComplete="username"
          required
          autoFocus={!fixedEmail}
          value={credentials.email}
          onChange={(event) => setCredentials({ ...credentials, email: event.target.value })}
          error={Boolean(errors.email)}
          helperText={errors.email}
          slotProps={{ htmlInput: { readOnly: Boolean(fixedEmail) }, inputLabel: { required: false } }}
        />
        <PasswordField
          autoComplete={mode === "register" ? "new-password" : "current-password"}
          focused={Boolean(fixedEmail)}
          value={credentials.password}
          error={errors.password}
          onChange={(password) => setCredentials({ ...credentials, password })}
        />
        <div ref={alert} tabIndex={-1} style={{ outline: "none" }}>
          {failure && <Alert severity="error">{failure}</Alert>}
        </div>
        <Button type="submit" variant="contained" size="large" loading={busy} disabled={lockedS > 0}>
          {lockedS > 0 ? `Try again in ${lockedS} s` : mode === "register" ? "Create account" : "Sign in"}
        </Button>
        {mode === "sign-in" && (
          <Typography variant="body2" color="textSecondary">
            Forgot your password? Ask the operator of this server.
          </Typography>
        )}
      </Stack>
    </form>
  );
}
