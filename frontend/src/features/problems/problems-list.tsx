import ErrorIcon from "@mui/icons-material/Error";
import InfoIcon from "@mui/icons-material/InfoOutlined";
import Box from "@mui/material/Box";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Typography from "@mui/material/Typography";

import type { RunProblem } from "../../lib/run-problems";

interface ProblemsListProps {
  problems: readonly RunProblem[];
  onGoTo: (place: { path: string; line: number }) => void;
}

/** The lines a failed run points at; pressing one leads there. */
export function ProblemsList({ problems, onGoTo }: ProblemsListProps): React.JSX.Element {
  return (
    <Box component="section" aria-label="Problems" sx={{ height: "100%", overflow: "auto" }}>
      {problems.length === 0 && (
        <Typography variant="body2" color="textSecondary" sx={{ p: 2 }}>
          No problems. When a run fails, the lines its traceback names are listed here.
        </Typography>
      )}
      <List dense disablePadding>
        {problems.map((problem) => (
          <ListItem key={`${problem.path}:${problem.line}`} disablePadding>
            <ListItemButton onClick={() => onGoTo(problem)} sx={{ gap: 1 }}>
              {problem.severity === "error" ? (
                <ErrorIcon color="error" fontSize="small" titleAccess="Error" />
              ) : (
                <InfoIcon color="info" fontSize="small" titleAccess="Information" />
              )}
              <ListItemText
                primary={problem.message}
                secondary={`${problem.path}, line ${problem.line}`}
                slotProps={{
                  primary: { sx: { overflowWrap: "anywhere", fontFamily: "monospace", fontSize: 13 } },
                }}
              />
            </ListItemButton>
          </ListItem>
        ))}
      </List>
    </Box>
  );
}
