import ContentCopyIcon from "@mui/icons-material/ContentCopy";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControl from "@mui/material/FormControl";
import FormControlLabel from "@mui/material/FormControlLabel";
import FormGroup from "@mui/material/FormGroup";
import FormHelperText from "@mui/material/FormHelperText";
import FormLabel from "@mui/material/FormLabel";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { fieldProblems, queryErrorText } from "../../api/base-api";
import { useCreateKeyMutation, type NewKey, type Scope } from "./account-api";
import { ADMIN_SCOPE, expiryOf, LIVES, SCOPES } from "./scopes";

interface NewKeyDialogProps {
  isOperator: boolean;
  onClose: () => void;
}

/** Makes an API key and shows it, this once. */
export function NewKeyDialog({ isOperator, onClose }: NewKeyDialogProps): React.JSX.Element {
  const [made, setMade] = useState<NewKey | null>(null);
  return (
    <Dialog
      open
      onClose={(_event, reason) => (made && reason === "backdropClick" ? undefined : onClose())}
      fullWidth
      maxWidth="sm"
      aria-labelledby="key-title"
    >
      <DialogTitle id="key-title">{made ? "Your new API key" : "New API key"}</DialogTitle>
      {made ? (
        <KeyShown made={made} onClose={onClose} />
      ) : (
        <KeyForm isOperator={isOperator} onMade={setMade} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface KeyFormProps extends NewKeyDialogProps {
  onMade: (key: NewKey) => void;
}

function KeyForm({ isOperator, onMade, onClose }: KeyFormProps): React.JSX.Element {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["runs:write"]);
  const [days, setDays] = useState(90);
  const [tried, setTried] = useState(false);
  const [create, { isLoading, error }] = useCreateKeyMutation();
  const named = fieldProblems(error);
  const toggle = (scope: Scope): void =>
    setScopes(scopes.includes(scope) ? scopes.filter((other) => other !== scope) : [...scopes, scope]);
  const submit = async (event: React.SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (!name.trim() || scopes.length === 0) return;
    const request = { name: name.trim(), scopes: [...scopes], expires_at: expiryOf(days, Date.now()) };
    const answer = await create(request);
    if (answer.data) onMade(answer.data);
  };
  const nameProblem = tried && !name.trim() ? "Enter a name" : named["name"];
  const scopeProblem = tried && scopes.length === 0 ? "Choose at least one" : named["scopes"];
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <DialogContent>
        <Stack spacing={2.5}>
          <TextField
            label="Name"
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={Boolean(nameProblem)}
            helperText={nameProblem ?? "What it is for, as “laptop” or “nightly training”"}
            slotProps={{ htmlInput: { maxLength: 200 } }}
          />
          <FormControl component="fieldset" error={Boolean(scopeProblem)}>
            <FormLabel component="legend">It may</FormLabel>
            <FormGroup>
              {[...SCOPES, ...(isOperator ? [ADMIN_SCOPE] : [])].map(({ scope, text }) => (
                <FormControlLabel
                  key={scope}
                  control={
                    <Checkbox size="small" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
                  }
                  label={text}
                />
              ))}
            </FormGroup>
            {scopeProblem && <FormHelperText>{scopeProblem}</FormHelperText>}
          </FormControl>
          <TextField
            select
            label="It lasts"
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            {LIVES.map((life) => (
              <MenuItem key={life.days} value={life.days}>
                {life.text}
              </MenuItem>
            ))}
          </TextField>
          {error && Object.keys(named).length === 0 && (
            <Alert severity="error">{queryErrorText(error)}</Alert>
          )}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="contained" loading={isLoading}>
          Create key
        </Button>
      </DialogActions>
    </form>
  );
}

function KeyShown({ made, onClose }: { made: NewKey; onClose: () => void }): React.JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(made.key);
    setCopied(true);
  };
  return (
    <>
      <DialogContent>
        <Alert severity="warning" sx={{ mb: 2 }}>
          Copy it now: it is not shown again.
        </Alert>
        <TextField
          label="API key"
          value={made.key}
          fullWidth
          multiline
          onFocus={(event) => event.target.select()}
          slotProps={{
            htmlInput: { readOnly: true, style: { fontFamily: "monospace", wordBreak: "break-all" } },
          }}
        />
      </DialogContent>
      <DialogActions>
        <Button startIcon={<ContentCopyIcon />} onClick={() => void copy()}>
          {copied ? "Copied" : "Copy key"}
        </Button>
        <Button variant="contained" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </>
  );
}
