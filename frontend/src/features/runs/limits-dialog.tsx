import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import type { Me } from "../../api/types";
import { limitProblem, type ChosenLimits, type NumericLimit } from "./limits-slice";

interface LimitsDialogProps {
  limits: ChosenLimits;
  quota: Me["quota"] | undefined;
  onChosen: (limits: ChosenLimits) => void;
  onClose: () => void;
}

const FIELDS: { name: NumericLimit; label: string; step: number; unit: string }[] = [
  { name: "cpus", label: "CPU cores", step: 0.5, unit: "cores" },
  { name: "memory_mb", label: "Memory (MiB)", step: 256, unit: "MiB" },
  { name: "timeout_s", label: "Time limit (seconds)", step: 60, unit: "seconds" },
];

type Typed = Record<NumericLimit, string>;

/** The limits of the next runs, kept within the account's quota. */
export function LimitsDialog({ limits, quota, onChosen, onClose }: LimitsDialogProps): React.JSX.Element {
  const [typed, setTyped] = useState<Typed>({
    cpus: String(limits.cpus),
    memory_mb: String(limits.memory_mb),
    timeout_s: String(limits.timeout_s),
  });
  const problem = (name: NumericLimit): string | null =>
    limitProblem(name, typed[name].trim() === "" ? NaN : Number(typed[name]), quota?.[name]);
  const isValid = FIELDS.every(({ name }) => problem(name) === null);

  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    if (!isValid) return;
    const { cpus, memory_mb, timeout_s } = typed;
    onChosen({ cpus: Number(cpus), memory_mb: Number(memory_mb), timeout_s: Number(timeout_s) });
  };

  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="limits-title">
      <form onSubmit={submit} noValidate>
        <DialogTitle id="limits-title">Limits of a run</DialogTitle>
        <DialogContent>
          <Stack spacing={2} sx={{ pt: 1 }}>
            {FIELDS.map(({ name, label, step, unit }) => (
              <TextField
                key={name}
                label={label}
                type="number"
                value={typed[name]}
                onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                error={problem(name) !== null}
                helperText={problem(name) ?? (quota ? `Up to ${quota[name]} ${unit}` : " ")}
                slotProps={{ htmlInput: { min: 0, max: quota?.[name], step } }}
              />
            ))}
          </Stack>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" disabled={!isValid}>
            Use these
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
