import { Page, PageSkeleton } from "../../components/page";

export default function RunsPage(): React.JSX.Element {
  return (
    <Page title="Runs">
      <PageSkeleton />
    </Page>
  );
}
