import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import InputBase from "@mui/material/InputBase";
import Typography from "@mui/material/Typography";
import { useEffect, useId, useRef, useState } from "react";

import { fuzzyFilter } from "../../lib/fuzzy";

export interface PaletteItem {
  id: string;
  text: string;
  /** Beside the text: a key, a folder. */
  hint?: string;
}

interface PaletteProps<T extends PaletteItem> {
  label: string;
  placeholder: string;
  items: readonly T[];
  onChosen: (item: T) => void;
  onClose: () => void;
}

const MOST_SHOWN = 100;

/** A field over a list: typing narrows it, arrows choose, Enter does it. */
export function Palette<T extends PaletteItem>({
  label,
  placeholder,
  items,
  onChosen,
  onClose,
}: PaletteProps<T>): React.JSX.Element {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const listId = useId();
  const chosen = useRef<HTMLDivElement>(null);
  const shown = fuzzyFilter(items, typed, ({ text }) => text).slice(0, MOST_SHOWN);
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = shown[at];
    if (step) setAt((at + step + shown.length) % Math.max(1, shown.length));
    else if (event.key === "Enter" && item) onChosen(item);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      maxWidth="sm"
      aria-label={label}
      sx={{ "& .MuiDialog-container": { alignItems: "flex-start" } }}
    >
      <InputBase
        autoFocus
        fullWidth
        value={typed}
        placeholder={placeholder}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        inputProps={{
          "aria-label": label,
          role: "combobox",
          "aria-expanded": true,
          "aria-controls": listId,
          "aria-activedescendant": shown[at] && `${listId}-${at}`,
          autoComplete: "off",
          spellCheck: false,
        }}
        sx={{ px: 2, py: 1.25, borderBottom: 1, borderColor: "divider" }}
      />
      <Box
        id={listId}
        role="listbox"
        aria-label={label}
        sx={{ overflow: "auto", maxHeight: "55vh", py: 0.5 }}
      >
        {shown.map((item, index) => (
          <Box
            key={item.id}
            id={`${listId}-${index}`}
            ref={index === at ? chosen : undefined}
            role="option"
            aria-selected={index === at}
            onClick={() => onChosen(item)}
            sx={{
              display: "flex",
              justifyContent: "space-between",
              gap: 2,
              px: 2,
              py: 0.75,
              cursor: "pointer",
              fontSize: 14,
              overflowWrap: "anywhere",
              bgcolor: index === at ? "action.selected" : undefined,
              "&:hover": { bgcolor: "action.hover" },
            }}
          >
            {item.text}
            <Box component="span" sx={{ color: "text.secondary", flex: "none" }}>
              {item.hint}
            </Box>
          </Box>
        ))}
      </Box>
      {shown.length === 0 && (
        <Typography variant="body2" color="textSecondary" sx={{ px: 2, pb: 2 }}>
          Nothing matches.
        </Typography>
      )}
    </Dialog>
  );
}
