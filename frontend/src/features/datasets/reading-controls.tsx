import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";

import type { Preview, Reading } from "../../api/datasets-api";

const DELIMITERS = { ",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar" };
const ENCODINGS = { "utf-8": "UTF-8", "utf-16": "UTF-16", cp1252: "Windows-1252", "latin-1": "Latin-1" };
const HEADERS = { true: "First row", false: "None" };

interface ReadingControlsProps {
  preview: Preview;
  onChange: (reading: Reading) => void;
}

/** How the table was read, to be corrected where the guess was wrong. */
export function ReadingControls({ preview, onChange }: ReadingControlsProps): React.JSX.Element {
  const reading: Reading = {
    encoding: preview.encoding ?? undefined,
    delimiter: preview.delimiter ?? undefined,
    header: preview.header ?? undefined,
  };
  const isCsv = preview.format === "csv";
  return (
    <Stack direction="row" sx={{ gap: 1.5, flexWrap: "wrap", mb: 1.5 }}>
      {isCsv && (
        <Choice
          label="Delimiter"
          value={reading.delimiter ?? ","}
          options={DELIMITERS}
          onChange={(delimiter) => onChange({ ...reading, delimiter })}
        />
      )}
      <Choice
        label="Encoding"
        value={reading.encoding ?? "utf-8"}
        options={ENCODINGS}
        onChange={(encoding) => onChange({ ...reading, encoding })}
      />
      {isCsv && (
        <Choice
          label="Column names"
          value={String(reading.header ?? true)}
          options={HEADERS}
          onChange={(header) => onChange({ ...reading, header: header === "true" })}
        />
      )}
    </Stack>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: Record<string, string>;
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps): React.JSX.Element {
  return (
    <TextField
      select
      size="small"
      label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      sx={{ minWidth: 140 }}
    >
      {Object.entries(options).map(([key, text]) => (
        <MenuItem key={key} value={key}>
          {text}
        </MenuItem>
      ))}
    </TextField>
  );
}
