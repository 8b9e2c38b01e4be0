import CloseIcon from "@mui/icons-material/Close";
import KeyboardArrowDownIcon from "@mui/icons-material/KeyboardArrowDown";
import KeyboardArrowUpIcon from "@mui/icons-material/KeyboardArrowUp";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import InputBase from "@mui/material/InputBase";
import ToggleButton from "@mui/material/ToggleButton";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";

import { lowerBound } from "../../lib/log-search";
import type { LogSearch } from "./use-log-search";

interface SearchBoxProps {
  search: LogSearch;
  onClose: () => void;
}

/** What a line that tells of trouble has in it. */
const TROUBLE = "error|exception|traceback|warning|fatal|critical";

function resultText({ query, error, numbers, share, current }: LogSearch): string {
  if (!query.text) return "";
  if (error) return error;
  const count = numbers.length.toLocaleString("en");
  if (share < 1) return `${count} so far, ${Math.floor(share * 100)} % searched`;
  if (numbers.length === 0) return "No match";
  const place = current === null ? "–" : (lowerBound(numbers, current) + 1).toLocaleString("en");
  return `${place} of ${count}`;
}

/** Finds lines of the whole output, which the browser's own search cannot see. */
export function SearchBox({ search, onClose }: SearchBoxProps): React.JSX.Element {
  const { query, setQuery, error, numbers, go } = search;
  const isEmpty = numbers.length === 0;
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === "Enter") go(event.shiftKey);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  return (
    <Box
      role="search"
      sx={{
        display: "flex",
        flexWrap: "wrap",
        alignItems: "center",
        gap: 0.5,
        px: 1.5,
        borderBottom: 1,
        borderColor: "divider",
      }}
    >
      <InputBase
        autoFocus
        value={query.text}
        onChange={(event) => setQuery({ text: event.target.value })}
        onKeyDown={onKeyDown}
        placeholder="Find in the output"
        error={error !== null}
        sx={{ flex: "1 1 140px", fontSize: 14 }}
        slotProps={{
          input: { "aria-label": "Find in the output", "aria-invalid": error !== null, spellCheck: false },
        }}
      />
      <Typography variant="caption" color={error ? "error" : "textSecondary"} role="status" noWrap>
        {resultText(search)}
      </Typography>
      <Toggle
        label="Match case"
        sign="Aa"
        isOn={query.isCaseSensitive}
        onToggle={() => setQuery({ isCaseSensitive: !query.isCaseSensitive })}
      />
      <Toggle
        label="Regular expression"
        sign=".*"
        isOn={query.isRegex}
        onToggle={() => setQuery({ isRegex: !query.isRegex })}
      />
      <Tooltip title="Find lines that tell of errors or warnings">
        <Button
          size="small"
          onClick={() => setQuery({ text: TROUBLE, isRegex: true, isCaseSensitive: false })}
        >
          Errors
        </Button>
      </Tooltip>
      <IconButton size="small" aria-label="Previous match" disabled={isEmpty} onClick={() => go(true)}>
        <KeyboardArrowUpIcon fontSize="small" />
      </IconButton>
      <IconButton size="small" aria-label="Next match" disabled={isEmpty} onClick={() => go(false)}>
        <KeyboardArrowDownIcon fontSize="small" />
      </IconButton>
      <IconButton size="small" aria-label="Close the search" onClick={onClose}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </Box>
  );
}

interface ToggleProps {
  label: string;
  sign: string;
  isOn: boolean;
  onToggle: () => void;
}

function Toggle({ label, sign, isOn, onToggle }: ToggleProps): React.JSX.Element {
  return (
    <Tooltip title={label}>
      <ToggleButton
        value={label}
        size="small"
        selected={isOn}
        onChange={onToggle}
        aria-label={label}
        sx={{ border: 0, px: 0.75, py: 0.25, fontFamily: "monospace", textTransform: "none" }}
      >
        {sign}
      </ToggleButton>
    </Tooltip>
  );
}
