import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import FormControl from "@mui/material/FormControl";
import FormControlLabel from "@mui/material/FormControlLabel";
import FormGroup from "@mui/material/FormGroup";
import FormHelperText from "@mui/material/FormHelperText";
import FormLabel from "@mui/material/FormLabel";
import MenuItem from "@mui/material/MenuItem";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";

import { SEVERITIES, type PullForm, type Smoke } from "./pull-form";

interface FieldsProps {
  form: PullForm;
  wrong: Partial<Record<keyof PullForm, string>>;
  onChange: (form: PullForm) => void;
}

/** The fields of a pull, each with what is wrong with it. */
export function PullFields(props: FieldsProps): React.JSX.Element {
  const { form, wrong, onChange } = props;
  return (
    <>
      <TextField
        label="Image"
        autoFocus
        required
        value={form.ref}
        onChange={(event) => onChange({ ...form, ref: event.target.value })}
        error={Boolean(wrong.ref)}
        helperText={wrong.ref ?? "REPOSITORY:TAG or REPOSITORY@sha256:…"}
        slotProps={{ htmlInput: { maxLength: 500, spellCheck: false, autoCapitalize: "off" } }}
      />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, alignItems: "flex-start" }}>
        <TextField
          label="Alias"
          size="small"
          value={form.alias}
          onChange={(event) => onChange({ ...form, alias: event.target.value })}
          error={Boolean(wrong.alias)}
          helperText={wrong.alias ?? "What runs ask for"}
          sx={{ flex: 1, minWidth: 160 }}
        />
        <TextField
          label="Hosts that are enough, %"
          size="small"
          value={form.quorum}
          onChange={(event) => onChange({ ...form, quorum: event.target.value })}
          error={Boolean(wrong.quorum)}
          helperText={wrong.quorum ?? "1 to 100"}
          slotProps={{ htmlInput: { inputMode: "numeric" } }}
          sx={{ flex: 1, minWidth: 160 }}
        />
      </Box>
      <FormControlLabel
        control={
          <Switch checked={form.activate} onChange={(_event, activate) => onChange({ ...form, activate })} />
        }
        label="Switch the alias once enough hosts are ready"
      />
      <PolicyFields {...props} />
      <TrialFields {...props} />
      <TextField
        label="Give up after, seconds"
        size="small"
        value={form.deadline}
        placeholder="as the settings say"
        onChange={(event) => onChange({ ...form, deadline: event.target.value })}
        error={Boolean(wrong.deadline)}
        helperText={wrong.deadline ?? "10 to 86400; nothing: as the settings say"}
        slotProps={{ htmlInput: { inputMode: "numeric" }, inputLabel: { shrink: true } }}
      />
    </>
  );
}

/** Stricter than the settings, never weaker. */
function PolicyFields({ form, wrong, onChange }: FieldsProps): React.JSX.Element {
  const toggle = (severity: string): void => {
    const others = form.failOn.filter((other) => other !== severity);
    const isOn = others.length < form.failOn.length;
    onChange({ ...form, failOn: isOn ? others : [...others, severity] });
  };
  return (
    <FormControl component="fieldset" error={Boolean(wrong.failOn ?? wrong.signature)}>
      <FormLabel component="legend">Refuse it, beyond the settings, for</FormLabel>
      <FormGroup row>
        {SEVERITIES.map((severity) => (
          <FormControlLabel
            key={severity}
            control={
              <Checkbox
                size="small"
                checked={form.failOn.includes(severity)}
                onChange={() => toggle(severity)}
              />
            }
            label={`${severity.charAt(0)}${severity.slice(1).toLowerCase()} findings`}
          />
        ))}
        <FormControlLabel
          control={
            <Checkbox
              size="small"
              checked={form.signature}
              onChange={(_event, signature) => onChange({ ...form, signature })}
            />
          }
          label="A missing signature"
        />
      </FormGroup>
      <FormHelperText>
        {wrong.failOn ?? wrong.signature ?? "Findings are those of the registry's scan"}
      </FormHelperText>
    </FormControl>
  );
}

const TRIALS: readonly { value: Smoke; text: string }[] = [
  { value: "usual", text: "The usual program, which trains a model" },
  { value: "own", text: "A program of its own" },
  { value: "off", text: "None: a sandbox has to start, no more" },
];

function TrialFields({ form, wrong, onChange }: FieldsProps): React.JSX.Element {
  return (
    <>
      <TextField
        select
        label="Trial on each host"
        size="small"
        value={form.smoke}
        onChange={(event) => onChange({ ...form, smoke: event.target.value as Smoke })}
      >
        {TRIALS.map(({ value, text }) => (
          <MenuItem key={value} value={value}>
            {text}
          </MenuItem>
        ))}
      </TextField>
      {form.smoke === "own" && (
        <TextField
          label="Python program"
          multiline
          minRows={3}
          maxRows={10}
          value={form.program}
          onChange={(event) => onChange({ ...form, program: event.target.value })}
          error={Boolean(wrong.program)}
          helperText={wrong.program ?? "It has to end with exit code 0"}
          slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: "monospace", fontSize: 13 } } }}
        />
      )}
    </>
  );
}
