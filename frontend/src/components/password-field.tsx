import VisibilityIcon from "@mui/icons-material/Visibility";
import VisibilityOffIcon from "@mui/icons-material/VisibilityOff";
import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import TextField from "@mui/material/TextField";
import { useState } from "react";

interface PasswordFieldProps {
  label?: string;
  autoComplete: "new-password" | "current-password" | "off";
  focused?: boolean;
  value: string;
  error: string | undefined;
  help?: string;
  onChange: (password: string) => void;
}

/** A field whose text is hidden until it is asked for. */
export function PasswordField({
  label = "Password",
  autoComplete,
  focused,
  value,
  error,
  help,
  onChange,
}: PasswordFieldProps): React.JSX.Element {
  const [visible, setVisible] = useState(false);
  const what = label.toLowerCase();
  const toggle = (
    <InputAdornment position="end">
      <IconButton
        edge="end"
        aria-label={visible ? `Hide ${what}` : `Show ${what}`}
        onClick={() => setVisible(!visible)}
      >
        {visible ? <VisibilityOffIcon /> : <VisibilityIcon />}
      </IconButton>
    </InputAdornment>
  );
  return (
    <TextField
      label={label}
      type={visible ? "text" : "password"}
      autoComplete={autoComplete}
      required
      autoFocus={focused}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={Boolean(error)}
      helperText={error ?? help}
      slotProps={{ input: { endAdornment: toggle }, inputLabel: { required: false } }}
    />
  );
}
