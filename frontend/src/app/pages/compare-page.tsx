import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { Link as RouterLink, useSearchParams } from "react-router-dom";

import { queryErrorText } from "../../api/base-api";
import { useComparedRunsQuery } from "../../api/results-api";
import { EmptyState, Page, PageSkeleton } from "../../components/page";
import { CodeDiff } from "../../features/compare/code-diff";
import { CompareTable } from "../../features/compare/compare-table";
import { CurvePanel } from "../../features/compare/curve-panel";
import { RunStatus } from "../../features/runs/run-status";
import { useDark } from "../use-dark";

const MOST = 6;

/** Runs side by side: what they were given, their curves, and their code. */
export default function ComparePage(): React.JSX.Element {
  const [search] = useSearchParams();
  const ids = [...new Set((search.get("ids") ?? "").split(",").filter(Boolean))].slice(0, MOST);
  return (
    <Page title="Compare runs">
      {ids.length < 2 ? (
        <EmptyState
          title="Select two runs or more"
          text="Compare what they were given, what came of them, and their code."
          action={
            <Button component={RouterLink} to="/runs" variant="contained">
              Go to the runs
            </Button>
          }
        />
      ) : (
        <Comparison key={ids.join()} ids={ids} />
      )}
    </Page>
  );
}

function Comparison({ ids }: { ids: string[] }): React.JSX.Element {
  const { data, error } = useComparedRunsQuery(ids, { refetchOnMountOrArgChange: true });
  const dark = useDark();
  if (error) return <Alert severity="error">{queryErrorText(error)}</Alert>;
  if (!data) return <PageSkeleton />;
  const runs = data.map(({ run }) => run);
  const labels = runs.map(({ entrypoint, id }) => `${entrypoint} ${id.slice(0, 12)}`);
  return (
    <Box sx={{ display: "grid", gap: 4, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <CompareTable runs={runs} labels={labels} statusOf={(run) => <RunStatus run={run} />} />
      <CurvePanel labels={labels} metrics={data.map(({ metrics }) => metrics)} dark={dark} />
      <CodeDiff runs={runs} labels={labels} dark={dark} />
    </Box>
  );
}
