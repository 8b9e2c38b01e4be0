import VisibilityIcon from "@mui/icons-material/Visibility";
import VisibilityOffIcon from "@mui/icons-material/VisibilityOff";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useRef, useState } from "react";

import { errorText, ProblemError } from "../../api/problem";
import type { Credentials } from "../../api/session";

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

export function LoginForm({ mode, fixedEmail, onSubmit }: LoginFormProps): React.JSX.Element {
  const [credentials, setCredentials] = useState<Credentials>({ email: fixedEmail ?? "", password: "" });
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const alert = useRef<HTMLDivElement>(null);

  const submit = async (event: React.SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const absent = missing(credentials);
    setErrors(absent);
    setFailure(null);
    if (Object.keys(absent).length > 0) return;
    setBusy(true);
    try {
      await onSubmit({ ...credentials, email: credentials.email.trim() });
    } catch (error) {
      const named = fieldErrors(error);
      setErrors(named);
      setFailure(Object.keys(named).length > 0 ? null : errorText(error));
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
          isNew={mode === "register"}
          focused={Boolean(fixedEmail)}
          value={credentials.password}
          error={errors.password}
          onChange={(password) => setCredentials({ ...credentials, password })}
        />
        <div ref={alert} tabIndex={-1} style={{ outline: "none" }}>
          {failure && <Alert severity="error">{failure}</Alert>}
        </div>
        <Button type="submit" variant="contained" size="large" loading={busy}>
          {mode === "register" ? "Create account" : "Sign in"}
        </Button>
      </Stack>
    </form>
  );
}

interface PasswordFieldProps {
  isNew: boolean;
  focused: boolean;
  value: string;
  error: string | undefined;
  onChange: (password: string) => void;
}

function PasswordField({ isNew, focused, value, error, onChange }: PasswordFieldProps): React.JSX.Element {
  const [visible, setVisible] = useState(false);
  const toggle = (
    <InputAdornment position="end">
      <IconButton
        edge="end"
        aria-label={visible ? "Hide password" : "Show password"}
        onClick={() => setVisible(!visible)}
      >
        {visible ? <VisibilityOffIcon /> : <VisibilityIcon />}
      </IconButton>
    </InputAdornment>
  );
  return (
    <TextField
      label="Password"
      type={visible ? "text" : "password"}
      autoComplete={isNew ? "new-password" : "current-password"}
      required
      autoFocus={focused}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={Boolean(error)}
      helperText={error}
      slotProps={{ input: { endAdornment: toggle }, inputLabel: { required: false } }}
    />
  );
}
