import CloseIcon from "@mui/icons-material/Close";
import KeyboardArrowDownIcon from "@mui/icons-material/KeyboardArrowDown";
import KeyboardArrowUpIcon from "@mui/icons-material/KeyboardArrowUp";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import InputBase from "@mui/material/InputBase";
import Typography from "@mui/material/Typography";

import type { LogSearch } from "./use-log-search";

interface SearchBoxProps {
  search: LogSearch;
  onClose: () => void;
}

/** Finds lines of the whole output, which the browser's own search cannot see. */
export function SearchBox({ search, onClose }: SearchBoxProps): React.JSX.Element {
  const { text, setText, position, count, go } = search;
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
        alignItems: "center",
        gap: 0.5,
        px: 1.5,
        borderBottom: 1,
        borderColor: "divider",
      }}
    >
      <InputBase
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder="Find in the output"
        sx={{ flex: 1, fontSize: 14 }}
        slotProps={{ input: { "aria-label": "Find in the output", spellCheck: false } }}
      />
      <Typography variant="caption" color="textSecondary" role="status" noWrap>
        {text && (count === 0 ? "No match" : `${position ?? "–"} of ${count}`)}
      </Typography>
      <IconButton size="small" aria-label="Previous match" disabled={count === 0} onClick={() => go(true)}>
        <KeyboardArrowUpIcon fontSize="small" />
      </IconButton>
      <IconButton size="small" aria-label="Next match" disabled={count === 0} onClick={() => go(false)}>
        <KeyboardArrowDownIcon fontSize="small" />
      </IconButton>
      <IconButton size="small" aria-label="Close the search" onClick={onClose}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </Box>
  );
}
