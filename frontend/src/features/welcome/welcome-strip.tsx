import CheckCircleIcon from "@mui/icons-material/CheckCircle";
import CloseIcon from "@mui/icons-material/Close";
import RadioButtonUncheckedIcon from "@mui/icons-material/RadioButtonUnchecked";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import visuallyHidden from "@mui/utils/visuallyHidden";
import { Link as RouterLink } from "react-router-dom";

import type { Milestone } from "../../lib/milestones";

interface Step {
  milestone: Milestone;
  text: string;
  to?: string;
}

const STEPS: readonly Step[] = [
  { milestone: "template", text: "Pick a template", to: "/templates" },
  { milestone: "run", text: "Press Run in the workspace" },
  { milestone: "download", text: "Download the model it leaves" },
];

interface WelcomeStripProps {
  done: readonly Milestone[];
  onDismiss: () => void;
}

/** The three first steps, in a line of their own that covers nothing; only the next one where there is little room. */
export function WelcomeStrip({ done, onDismiss }: WelcomeStripProps): React.JSX.Element {
  const isNarrow = useMediaQuery("(max-width: 800px)", { noSsr: true });
  const next = STEPS.find(({ milestone }) => !done.includes(milestone));
  const shown = isNarrow ? STEPS.filter((step) => step === next) : STEPS;
  return (
    <Box
      component="section"
      aria-label="First steps"
      sx={{
        display: "flex",
        alignItems: "center",
        gap: { xs: 1, md: 3 },
        px: 2,
        minHeight: 40,
        flex: "none",
        borderBottom: 1,
        borderColor: "divider",
        bgcolor: "action.hover",
      }}
    >
      <Typography variant="body2" sx={{ fontWeight: 700, flex: "none" }}>
        {next
          ? isNarrow
            ? `${STEPS.indexOf(next) + 1} of ${STEPS.length}`
            : "First steps"
          : "All three done"}
      </Typography>
      <Box
        component="ol"
        sx={{ display: "flex", flex: 1, minWidth: 0, gap: { xs: 1, md: 3 }, m: 0, p: 0, listStyle: "none" }}
      >
        {shown.map((step) => (
          <StepItem key={step.milestone} step={step} isDone={done.includes(step.milestone)} />
        ))}
      </Box>
      <IconButton size="small" aria-label="Close the first steps" onClick={onDismiss}>
        <CloseIcon fontSize="small" />
      </IconButton>
    </Box>
  );
}

function StepItem({ step, isDone }: { step: Step; isDone: boolean }): React.JSX.Element {
  return (
    <Box component="li" sx={{ display: "flex", alignItems: "center", gap: 0.75, minWidth: 0 }}>
      {isDone ? (
        <CheckCircleIcon fontSize="small" color="success" />
      ) : (
        <RadioButtonUncheckedIcon fontSize="small" color="action" />
      )}
      <Typography variant="body2" noWrap color={isDone ? "textSecondary" : undefined}>
        {step.to && !isDone ? (
          <Link component={RouterLink} to={step.to} sx={{ py: 0.5 }}>
            {step.text}
          </Link>
        ) : (
          step.text
        )}
      </Typography>
      {isDone && <span style={visuallyHidden}>done</span>}
    </Box>
  );
}
