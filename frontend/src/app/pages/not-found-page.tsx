import SearchOffIcon from "@mui/icons-material/SearchOff";
import Button from "@mui/material/Button";
import { Link } from "react-router-dom";

import { EmptyState, Page } from "../../components/page";

/** For an address that is none of the application's. */
export default function NotFoundPage(): React.JSX.Element {
  return (
    <Page title="Not found">
      <EmptyState
        icon={<SearchOffIcon />}
        title="There is no such page"
        text="The address may be mistyped, or what was there is gone."
        action={
          <Button variant="contained" component={Link} to="/">
            Go to the workspace
          </Button>
        }
      />
    </Page>
  );
}
