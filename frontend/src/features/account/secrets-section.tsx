import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { fieldProblems, queryErrorText } from "../../api/base-api";
import {
  useDeleteSecretMutation,
  useSecretsQuery,
  useSetSecretMutation,
  type Secret,
} from "../../api/secrets-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { DataTable } from "../../components/data-table";
import { PasswordField } from "../../components/password-field";
import { Section } from "../../components/section";
import { formatAgo } from "../../lib/format";
import { useNow } from "../../lib/use-now";

const MINUTE_MS = 60_000;

/** What programs are given and nobody reads again: set, replaced, deleted. */
export function SecretsSection(): React.JSX.Element {
  const { data, error } = useSecretsQuery();
  const [remove] = useDeleteSecretMutation();
  const [edited, setEdited] = useState<{ name: string } | null>(null);
  const [doomed, setDoomed] = useState<Secret | null>(null);
  const now = useNow(MINUTE_MS);
  return (
    <Section
      title="Run secrets"
      text="Values for your programs' environment, as tokens of other services. You can replace them, but nobody can read them here."
      actions={
        <Button variant="outlined" onClick={() => setEdited({ name: "" })}>
          New secret
        </Button>
      }
    >
      {error ? (
        <Alert severity="error">{queryErrorText(error)}</Alert>
      ) : (
        <DataTable
          label="Run secrets"
          rows={data?.items}
          keyOf={({ name }) => name}
          empty="No secrets yet. One that a run names is in its program's environment."
          columns={[
            { title: "Name", show: ({ name }) => <code>{name}</code> },
            { title: "Set", show: ({ updated_at: time }) => formatAgo(time, now) },
            {
              title: "",
              align: "right",
              show: (secret) => (
                <Box sx={{ whiteSpace: "nowrap" }}>
                  <Button
                    size="small"
                    aria-label={`Replace ${secret.name}`}
                    onClick={() => setEdited(secret)}
                  >
                    Replace
                  </Button>
                  <Button
                    size="small"
                    color="error"
                    aria-label={`Delete ${secret.name}`}
                    onClick={() => setDoomed(secret)}
                  >
                    Delete
                  </Button>
                </Box>
              ),
            },
          ]}
        />
      )}
      {edited && <SecretDialog fixedName={edited.name} onClose={() => setEdited(null)} />}
      {doomed && (
        <ConfirmDialog
          title={`Delete ${doomed.name}?`}
          action="Delete"
          danger
          onConfirm={() => remove(doomed.name).unwrap()}
          onClose={() => setDoomed(null)}
          describe={queryErrorText}
        >
          Its value can&apos;t be brought back. Programs that have it keep it; later runs that name it are
          refused.
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** Sets one; `fixedName` is that of one to be replaced, or empty. */
function SecretDialog({ fixedName, onClose }: { fixedName: string; onClose: () => void }): React.JSX.Element {
  const [name, setName] = useState(fixedName);
  const [value, setValue] = useState("");
  const [tried, setTried] = useState(false);
  const [set, { isLoading, error }] = useSetSecretMutation();
  const named = fieldProblems(error);
  const submit = async (event: React.SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (!name.trim() || !value) return;
    const answer = await set({ name: name.trim(), value });
    if (!answer.error) onClose();
  };
  const nameProblem = tried && !name.trim() ? "Enter a name" : named["name"];
  const valueProblem = tried && !value ? "Enter the value" : named["value"];
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="secret-title">
      <DialogTitle id="secret-title">{fixedName ? `Replace ${fixedName}` : "New secret"}</DialogTitle>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <DialogContent>
          <DialogContentText sx={{ mb: 2 }}>
            Runs that begin from now on get this value, in 8 to 4096 bytes.
          </DialogContentText>
          <Stack spacing={2}>
            <TextField
              label="Name"
              autoFocus={!fixedName}
              value={name}
              onChange={(event) => setName(event.target.value)}
              error={Boolean(nameProblem)}
              helperText={nameProblem ?? "Of the environment variable, as HF_TOKEN"}
              slotProps={{ htmlInput: { readOnly: Boolean(fixedName), maxLength: 128, spellCheck: false } }}
            />
            <PasswordField
              label="Value"
              autoComplete="off"
              focused={Boolean(fixedName)}
              value={value}
              error={valueProblem}
              onChange={setValue}
            />
            {error && Object.keys(named).length === 0 && (
              <Alert severity="error">{queryErrorText(error)}</Alert>
            )}
          </Stack>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" loading={isLoading}>
            Save secret
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
