import UploadFileIcon from "@mui/icons-material/UploadFile";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router-dom";

import type { Imported, Run } from "../../api/types";
import { Page } from "../../components/page";
import { ImportDialog } from "../../features/history/import-dialog";
import { filterFrom, searchOf } from "../../features/history/run-filter";
import { RunList } from "../../features/history/run-list";
import { NotesForm } from "../../features/results/notes-form";
import { RunStatus } from "../../features/runs/run-status";
import { useOpenInWorkspace } from "../open-in-workspace";

/** All of one's runs. */
export default function RunsPage(): React.JSX.Element {
  const [search, setSearch] = useSearchParams();
  const [isImporting, setImporting] = useState(false);
  const [edited, setEdited] = useState<Run | null>(null);
  const navigate = useNavigate();
  const open = useOpenInWorkspace();
  const show = ({ run, project }: Imported): void => {
    setImporting(false);
    if (run) void navigate(`/runs/${run.id}`);
    else if (project) open(project.name, project);
  };
  return (
    <Page
      title="Runs"
      actions={
        <Button size="small" startIcon={<UploadFileIcon />} onClick={() => setImporting(true)}>
          Import record
        </Button>
      }
    >
      <RunList
        filter={filterFrom(search)}
        onFilter={(filter) => setSearch(searchOf(filter), { replace: true })}
        statusOf={(run) => <RunStatus run={run} />}
        onCompare={(ids) => void navigate(`/runs/compare?ids=${ids.join(",")}`)}
        onEdit={setEdited}
      />
      {isImporting && <ImportDialog onImported={show} onClose={() => setImporting(false)} />}
      {edited && (
        <Dialog open onClose={() => setEdited(null)} fullWidth maxWidth="xs" aria-labelledby="notes-title">
          <DialogTitle id="notes-title">Tags and note</DialogTitle>
          <DialogContent sx={{ "&&": { pt: 1 } }}>
            <NotesForm run={edited} onDone={() => setEdited(null)} />
          </DialogContent>
        </Dialog>
      )}
    </Page>
  );
}
