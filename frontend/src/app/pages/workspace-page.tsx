import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { Link, useParams } from "react-router-dom";

import { useSignedInUser } from "../../api/services";
import { EmptyState, PageSkeleton } from "../../components/page";
import { FirstProject } from "../first-project";
import { useAppSelector } from "../store";
import { useProject } from "../use-project";
import { Workspace } from "../workspace";

/** The workspace: a project to edit, the run on the screen, and what it yields. */
export default function WorkspacePage(): React.JSX.Element {
  const user = useSignedInUser();
  const { projectId } = useParams();
  if (projectId === undefined) return <FirstProject userId={user.id} />;
  return <ProjectPage key={projectId} id={projectId} userId={user.id} />;
}

function ProjectPage({ id, userId }: { id: string; userId: string }): React.JSX.Element {
  const { saver, saved, failure, retry } = useProject(id, userId);
  const project = useAppSelector((state) => state.project);
  if (failure === "missing") {
    return (
      <EmptyState
        title="There is no such project"
        text="It may have been deleted, or belongs to somebody else."
        action={
          <Button variant="contained" component={Link} to="/">
            Open another project
          </Button>
        }
      />
    );
  }
  if (failure) {
    return (
      <Alert severity="error" sx={{ m: 2 }} action={<Button onClick={retry}>Try again</Button>}>
        {failure.message}
      </Alert>
    );
  }
  return project?.id === id ? <Workspace project={project} saver={saver} saved={saved} /> : <PageSkeleton />;
}
