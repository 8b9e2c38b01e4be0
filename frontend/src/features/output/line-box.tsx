import CloseIcon from "@mui/icons-material/Close";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import InputBase from "@mui/material/InputBase";
import Typography from "@mui/material/Typography";
import { useState } from "react";

interface LineBoxProps {
  /** The line that the page's address names. */
  linked: number | null;
  /** How many lines there are. */
  count: number;
  onLink: (number: number) => void;
  onClose: () => void;
}

/** Goes to a line by its number, and gives the address that leads there. */
export function LineBox({ linked, count, onLink, onClose }: LineBoxProps): React.JSX.Element {
  const [text, setText] = useState<string | null>(null);
  const [copied, setCopied] = useState<number | null>(null);
  const shown = text ?? (linked === null ? "" : String(linked));
  const number = Number(shown);
  const isWrong = shown !== "" && !(Number.isInteger(number) && number >= 1 && number <= count);
  const go = (): void => {
    if (shown === "" || isWrong) return;
    onLink(number);
    setText(null);
  };
  const copy = (): void => {
    navigator.clipboard.writeText(location.href).then(
      () => setCopied(linked),
      () => setCopied(null),
    );
  };
  return (
    <Box
      component="form"
      aria-label="Go to line"
      onSubmit={(event: React.SyntheticEvent) => {
        event.preventDefault();
        go();
      }}
      onKeyDown={(event: React.KeyboardEvent) => event.key === "Escape" && onClose()}
      sx={{ display: "flex", alignItems: "center", gap: 1, px: 1.5, borderBottom: 1, borderColor: "divider" }}
    >
      <InputBase
        autoFocus={linked === null}
        value={shown}
        onChange={(event) => setText(event.target.value)}
        placeholder="Line"
        error={isWrong}
        sx={{ width: "12ch", fontSize: 14 }}
        slotProps={{ input: { "aria-label": "Line number", "aria-invalid": isWrong, inputMode: "numeric" } }}
      />
      <Typography variant="caption" color={isWrong ? "error" : "textSecondary"} noWrap sx={{ flex: 1 }}>
        {isWrong ? `There are lines 1 to ${count}` : `of ${count.toLocaleString("en")}`}
      </Typography>
      <Button size="small" type="submit">
        Go
      </Button>
      <Button size="small" disabled={linked === null} onClick={copy}>
        {linked !== null && copied === linked ? "Link copied" : "Copy link"}
      </Button>
      <IconButton size="small" aria-label="Close the line link" onClick={onClose}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </Box>
  );
}
