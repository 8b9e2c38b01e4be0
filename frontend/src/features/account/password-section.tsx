import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import { useState } from "react";

import { fieldProblems, queryErrorText } from "../../api/base-api";
import { PasswordField } from "../../components/password-field";
import { Section } from "../../components/section";
import { useChangePasswordMutation } from "./account-api";
import { EMPTY, wrongWith, type TypedPasswords } from "./password-rules";

/** A new password; the account's other sessions end with the old one. */
export function PasswordSection(): React.JSX.Element {
  const [typed, setTyped] = useState(EMPTY);
  const [wrong, setWrong] = useState<Partial<TypedPasswords>>({});
  const [change, { isLoading, isSuccess, error }] = useChangePasswordMutation();
  const named = fieldProblems(error);
  const submit = async (event: React.SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const found = wrongWith(typed);
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    const answer = await change({ current_password: typed.current, new_password: typed.fresh });
    if (!answer.error) setTyped(EMPTY);
  };
  const field = (name: keyof TypedPasswords) => ({
    value: typed[name],
    onChange: (text: string) => setTyped({ ...typed, [name]: text }),
  });
  return (
    <Section title="Password" text="Your other sessions end when it changes; API keys stay.">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack spacing={2} sx={{ maxWidth: 400 }}>
          <PasswordField
            label="Present password"
            autoComplete="current-password"
            error={wrong.current ?? named["current_password"]}
            {...field("current")}
          />
          <PasswordField
            label="New password"
            autoComplete="new-password"
            error={wrong.fresh ?? named["new_password"]}
            {...field("fresh")}
          />
          <PasswordField
            label="New password again"
            autoComplete="new-password"
            error={wrong.again}
            {...field("again")}
          />
          {error && Object.keys(named).length === 0 && (
            <Alert severity="error">{queryErrorText(error)}</Alert>
          )}
          {isSuccess && <Alert severity="success">Your password is changed.</Alert>}
          <Button type="submit" variant="contained" loading={isLoading} sx={{ alignSelf: "flex-start" }}>
            Change password
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
