import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState, type ReactNode } from "react";

import { envText, joinWords, parseEnv, splitWords, type RunOptions } from "./run-options-slice";

interface RunOptionsDialogProps {
  options: RunOptions;
  /** The domains the account's runs may reach; none: no network. Undefined while it is not known. */
  domains: readonly string[] | undefined;
  canRun: boolean;
  /** Chooses among the account's secrets. */
  secretPicker: (chosen: string[], onChange: (chosen: string[]) => void) => ReactNode;
  onChosen: (options: Partial<RunOptions>, andRun: boolean) => void;
  onClose: () => void;
}

/** Arguments, environment and network of the next runs. */
export function RunOptionsDialog({
  options,
  domains,
  canRun,
  secretPicker,
  onChosen,
  onClose,
}: RunOptionsDialogProps): React.JSX.Element {
  const [args, setArgs] = useState(joinWords(options.args));
  const [env, setEnv] = useState(envText(options.env));
  const [network, setNetwork] = useState(options.network);
  const [secrets, setSecrets] = useState(options.secrets);
  const argsProblem = problemOf(() => splitWords(args));
  const envProblem = problemOf(() => parseEnv(env));
  const isValid = !argsProblem && !envProblem;
  const mayReach = domains !== undefined && domains.length > 0;
  const choose = (andRun: boolean): void => {
    if (!isValid) return;
    const chosen = { args: splitWords(args), env: parseEnv(env), secrets };
    onChosen({ ...chosen, network: mayReach ? network : "none" }, andRun);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (canRun) choose(true);
  };

  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      maxWidth="sm"
      aria-labelledby="run-options-title"
      onKeyDown={onKeyDown}
    >
      <DialogTitle id="run-options-title">Run with arguments and environment</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          <TextField
            autoFocus
            label="Arguments"
            value={args}
            onChange={(event) => setArgs(event.target.value)}
            error={argsProblem !== null}
            helperText={argsProblem ?? "As on a command line, for example --epochs 3 --name 'first try'"}
            slotProps={{
              htmlInput: { spellCheck: false, autoCapitalize: "none", style: { fontFamily: "monospace" } },
            }}
          />
          <TextField
            label="Environment variables"
            multiline
            minRows={3}
            maxRows={8}
            value={env}
            onChange={(event) => setEnv(event.target.value)}
            error={envProblem !== null}
            helperText={
              envProblem ??
              "One NAME=value on each line. They are shown with the run: keep passwords among your secrets."
            }
            slotProps={{
              htmlInput: { spellCheck: false, autoCapitalize: "none", style: { fontFamily: "monospace" } },
            }}
          />
          {secretPicker(secrets, setSecrets)}
          <div>
            <FormControlLabel
              disabled={!mayReach}
              control={
                <Switch
                  checked={mayReach && network === "egress"}
                  onChange={(_event, isOn) => setNetwork(isOn ? "egress" : "none")}
                />
              }
              label="Network access"
            />
            <Typography variant="body2" color="textSecondary">
              {mayReach
                ? `By a proxy, to ${domains.join(", ")}`
                : "Your quota names no domains that runs may reach."}
            </Typography>
          </div>
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button disabled={!isValid} onClick={() => choose(false)}>
          Save
        </Button>
        <Button variant="contained" disabled={!isValid || !canRun} onClick={() => choose(true)}>
          Save and run
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function problemOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
