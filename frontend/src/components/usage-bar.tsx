import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useId } from "react";

interface UsageBarProps {
  label: string;
  used: number;
  limit: number;
  /** A number of what is counted, in words. */
  format: (amount: number) => string;
}

/** How much of something is used: as words, and as a bar that is amber from 80 % and red from 95 %. */
export function UsageBar({ label, used, limit, format }: UsageBarProps): React.JSX.Element {
  const id = useId();
  const part = limit > 0 ? Math.min(1, used / limit) : 1;
  const colour = part >= 0.95 ? "error" : part >= 0.8 ? "warning" : "primary";
  return (
    <Box>
      <Box sx={{ display: "flex", justifyContent: "space-between", gap: 1, mb: 0.5 }}>
        <Typography variant="body2" id={id}>
          {label}
        </Typography>
        <Typography variant="body2" color="textSecondary">
          {format(used)} of {format(limit)}
        </Typography>
      </Box>
      <LinearProgress
        variant="determinate"
        value={part * 100}
        color={colour}
        aria-labelledby={id}
        aria-valuetext={`${format(used)} of ${format(limit)}`}
        sx={{ height: 8, borderRadius: 1, bgcolor: "action.selected" }}
      />
    </Box>
  );
}
