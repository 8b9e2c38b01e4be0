import StarIcon from "@mui/icons-material/Star";
import StarBorderIcon from "@mui/icons-material/StarBorder";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import { useEffect, useState } from "react";

import type { RunFilter } from "../../api/results-api";
import { changed, STATES } from "./run-filter";

const TYPING_MS = 300;

interface FilterBarProps {
  filter: RunFilter;
  onFilter: (filter: RunFilter) => void;
}

/** Which runs the list holds: by words, state, star and tag. */
export function FilterBar({ filter, onFilter }: FilterBarProps): React.JSX.Element {
  return (
    <Box
      role="search"
      aria-label="Filter runs"
      sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}
    >
      <SearchField text={filter.text ?? ""} onText={(text) => onFilter(changed(filter, "text", text))} />
      <TextField
        select
        size="small"
        label="State"
        value={filter.state ?? ""}
        onChange={(event) => onFilter(changed(filter, "state", event.target.value))}
        slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
        sx={{ minWidth: 130 }}
      >
        <MenuItem value="">any</MenuItem>
        {STATES.map((state) => (
          <MenuItem key={state} value={state}>
            {state}
          </MenuItem>
        ))}
      </TextField>
      <ToggleButton
        value="starred"
        size="small"
        selected={filter.starred === true}
        onChange={() => onFilter(changed(filter, "starred", !filter.starred))}
        sx={{ textTransform: "none", gap: 0.5, height: 40 }}
      >
        {filter.starred ? <StarIcon fontSize="small" /> : <StarBorderIcon fontSize="small" />}
        Starred
      </ToggleButton>
      {filter.tag && (
        <Chip
          label={`Tag: ${filter.tag}`}
          onDelete={() => onFilter(changed(filter, "tag", ""))}
          aria-label={`Tag ${filter.tag}, press Delete to show all`}
        />
      )}
    </Box>
  );
}

/** Asks the server once the typing has paused. */
function SearchField({ text, onText }: { text: string; onText: (text: string) => void }): React.JSX.Element {
  const [typed, setTyped] = useState(text);
  const [known, setKnown] = useState(text);
  if (known !== text) {
    // The address was changed from elsewhere: back, or a link.
    setKnown(text);
    if (typed.trim() !== text) setTyped(text);
  }
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onText(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, text, onText]);
  return (
    <TextField
      size="small"
      label="Search"
      placeholder="entry point, id or note"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      slotProps={{ inputLabel: { shrink: true } }}
      sx={{ flex: { xs: "1 1 100%", sm: "0 1 260px" } }}
    />
  );
}
