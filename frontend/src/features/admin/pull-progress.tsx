import CheckIcon from "@mui/icons-material/Check";
import CloseIcon from "@mui/icons-material/Close";
import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useId } from "react";

import { Section } from "../../components/section";
import { formatBytes } from "../../lib/format";
import { endingOf, hostText, phasesOf, pullName, shortDigest, stageText, type Phase } from "./image-words";
import type { OnHost, Pull } from "./images-api";

interface PullProgressProps {
  pull: Pull;
  /** Offered where it failed. */
  onAgain?: () => void;
  onClose?: () => void;
}

/** A pull: its steps, a bar for each host, and how it ended. */
export function PullProgress({ pull, onAgain, onClose }: PullProgressProps): React.JSX.Element {
  const ending = endingOf(pull);
  return (
    <Section
      title={pullName(pull.ref)}
      actions={
        onClose && (
          <Button size="small" onClick={onClose}>
            Close
          </Button>
        )
      }
    >
      <Box sx={{ display: "grid", gap: 2 }}>
        {pull.digest && (
          <Typography variant="body2" color="textSecondary">
            <code title={pull.digest}>{shortDigest(pull.digest)}</code>
            {pull.bytes !== null && ` · ${formatBytes(pull.bytes)} compressed`}
            {pull.activate ? ` · for ${pull.alias}, once ${pull.quorum} % of the hosts are ready` : ""}
          </Typography>
        )}
        <Phases phases={phasesOf(pull)} />
        <Typography variant="body2" role="status" sx={{ display: ending ? "none" : undefined }}>
          {stageText(pull)}
        </Typography>
        {pull.digest && <HostBars hosts={pull.hosts} />}
        {ending && (
          <Alert severity={ending.severity}>
            <AlertTitle>{ending.title}</AlertTitle>
            {ending.text}
            {pull.state === "failed" && onAgain && (
              <Button
                size="small"
                variant="outlined"
                color="inherit"
                onClick={onAgain}
                sx={{ display: "block", mt: 1 }}
              >
                Pull again…
              </Button>
            )}
          </Alert>
        )}
        <Checks checks={pull.checks} />
      </Box>
    </Section>
  );
}

const LOOKS = {
  done: { colour: "success.main", text: "done" },
  now: { colour: "primary.main", text: "under way" },
  failed: { colour: "error.main", text: "failed" },
  later: { colour: "text.secondary", text: "to come" },
} as const;

function Phases({ phases }: { phases: readonly Phase[] }): React.JSX.Element {
  return (
    <Box
      component="ol"
      aria-label="Steps"
      sx={{ m: 0, p: 0, listStyle: "none", display: "flex", flexWrap: "wrap", gap: 1 }}
    >
      {phases.map(({ name, state }) => (
        <Box
          component="li"
          key={name}
          aria-current={state === "now" ? "step" : undefined}
          sx={{
            display: "flex",
            alignItems: "center",
            gap: 0.5,
            px: 1,
            py: 0.25,
            border: 1,
            borderColor: LOOKS[state].colour,
            borderStyle: state === "later" ? "dashed" : "solid",
            borderRadius: 4,
            color: LOOKS[state].colour,
            fontWeight: state === "now" ? 700 : undefined,
            typography: "body2",
          }}
        >
          {state === "done" && <CheckIcon sx={{ fontSize: 16 }} titleAccess={LOOKS.done.text} />}
          {state === "failed" && <CloseIcon sx={{ fontSize: 16 }} titleAccess={LOOKS.failed.text} />}
          {name}
        </Box>
      ))}
    </Box>
  );
}

function HostBars({ hosts }: { hosts: readonly OnHost[] }): React.JSX.Element {
  return (
    <Box component="ul" aria-label="Hosts" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1.5 }}>
      {hosts.map((host) => (
        <HostBar key={host.host} host={host} />
      ))}
    </Box>
  );
}

/** By the sizes of the layers, half for their download and half for their unpacking. */
function HostBar({ host }: { host: OnHost }): React.JSX.Element {
  const id = useId();
  const text = hostText(host);
  return (
    <li>
      <Box sx={{ display: "flex", flexWrap: "wrap", justifyContent: "space-between", columnGap: 2, mb: 0.5 }}>
        <Typography variant="body2" id={id} sx={{ fontWeight: 700 }}>
          {host.host}
        </Typography>
        <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: "anywhere" }}>
          {text}
        </Typography>
      </Box>
      <LinearProgress
        variant="determinate"
        value={host.progress * 100}
        color={host.state === "failed" ? "error" : host.state === "ready" ? "success" : "primary"}
        aria-labelledby={id}
        aria-valuetext={text}
        sx={{ height: 8, borderRadius: 1, bgcolor: "action.selected" }}
      />
    </li>
  );
}

/** What was examined before it was pulled. */
export function Checks({ checks }: { checks: readonly string[] }): React.JSX.Element | null {
  if (checks.length === 0) return null;
  return (
    <Typography variant="body2" color="textSecondary" component="div">
      Checked: {checks.join(" · ")}
    </Typography>
  );
}
