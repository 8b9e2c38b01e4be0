import DownloadIcon from "@mui/icons-material/Download";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { saveFrom } from "../../api/download";
import { useFailureToast } from "../../api/failure-toast";
import { DataTable } from "../../components/data-table";
import { useAuditInfiniteQuery, useAuditTableMutation, type AuditFilter } from "./admin-api";
import { verbText } from "./audit-words";
import { Failed } from "./failed";
import { filterFrom } from "./words";

const FIELDS: readonly { name: keyof AuditFilter; label: string; type: "text" | "datetime-local" }[] = [
  { name: "actor", label: "Who", type: "text" },
  { name: "verb", label: "Action", type: "text" },
  { name: "thing", label: "What", type: "text" },
  { name: "since", label: "From", type: "datetime-local" },
  { name: "until", label: "To", type: "datetime-local" },
];
const ALL: AuditFilter = { actor: "", verb: "", thing: "", since: "", until: "" };
const PLACEHOLDERS: Partial<AuditFilter> = {
  actor: "email or id",
  verb: "as user. or run.cancel",
  thing: "id",
};

/** Who did what and when. */
export function AuditTab(): React.JSX.Element {
  const [typed, setTyped] = useState(ALL);
  const [filter, setFilter] = useState(ALL);
  const { data, error, refetch, isFetching, hasNextPage, fetchNextPage } = useAuditInfiniteQuery(filter);
  const [fetchTable, { isLoading }] = useAuditTableMutation();
  const failed = useFailureToast();
  const download = async (): Promise<void> => {
    const answer = await fetchTable(filter);
    if (answer.error) failed(answer.error);
    else saveText(answer.data, "audit.csv");
  };
  return (
    <>
      <Box
        component="form"
        role="search"
        aria-label="Audit trail"
        onSubmit={(event) => {
          event.preventDefault();
          setFilter(filterFrom(typed));
        }}
        sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, mb: 2, alignItems: "center" }}
      >
        {FIELDS.map(({ name, label, type }) => (
          <TextField
            key={name}
            size="small"
            label={label}
            type={type}
            value={typed[name]}
            placeholder={PLACEHOLDERS[name]}
            onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
            slotProps={{ inputLabel: { shrink: true } }}
            sx={{ width: { xs: "100%", sm: 200 } }}
          />
        ))}
        <Button type="submit" variant="contained">
          Filter
        </Button>
        <Button
          onClick={() => {
            setTyped(ALL);
            setFilter(ALL);
          }}
        >
          Clear
        </Button>
        <Button startIcon={<DownloadIcon />} loading={isLoading} onClick={() => void download()}>
          Download CSV
        </Button>
      </Box>
      {error && !data ? (
        <Failed error={error} onRetry={refetch} />
      ) : (
        <DataTable
          label="Audit trail"
          rows={data?.pages.flatMap(({ items }) => items)}
          keyOf={({ id }) => id}
          empty="Nothing like that was done."
          columns={[
            {
              title: "When",
              show: ({ time }) => (
                <time dateTime={time} style={{ whiteSpace: "nowrap" }}>
                  {new Date(time).toLocaleString()}
                </time>
              ),
            },
            { title: "Who", show: ({ actor_email, actor_id }) => actor_email ?? actor_id ?? "the platform" },
            { title: "Action", show: ({ verb }) => <Verb verb={verb} /> },
            { title: "What", show: ({ thing }) => <code>{thing}</code> },
            {
              title: "Detail",
              show: ({ detail }) => (
                <Box component="code" sx={{ overflowWrap: "anywhere", display: "block", minWidth: 160 }}>
                  {Object.keys(detail).length > 0 ? JSON.stringify(detail) : ""}
                </Box>
              ),
            },
          ]}
        />
      )}
      {hasNextPage && (
        <Button sx={{ mt: 1 }} loading={isFetching} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

/** In words, with the verb by which the trail is filtered. */
function Verb({ verb }: { verb: string }): React.JSX.Element {
  const words = verbText(verb);
  return (
    <Box sx={{ minWidth: 160 }}>
      {words}
      <Box component="code" sx={{ display: "block", color: words ? "text.secondary" : "text.primary" }}>
        {verb}
      </Box>
    </Box>
  );
}

function saveText(text: string, filename: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  saveFrom(url, filename);
  URL.revokeObjectURL(url);
}
