import RocketLaunchIcon from "@mui/icons-material/RocketLaunch";
import Button from "@mui/material/Button";
import { Link } from "react-router-dom";

import { EmptyState, Page } from "../../components/page";

/** This version deploys nothing yet, and says so. */
export default function DeploymentsPage(): React.JSX.Element {
  return (
    <Page title="Deployments">
      <EmptyState
        icon={<RocketLaunchIcon />}
        title="Deployments are not in this version"
        text="A model that a run has made can be downloaded from the run’s page, and loaded wherever you serve it."
        action={
          <Button component={Link} to="/runs" variant="contained">
            Go to your runs
          </Button>
        }
      />
    </Page>
  );
}
