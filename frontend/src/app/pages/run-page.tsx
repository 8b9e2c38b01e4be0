import { Page, PageSkeleton } from "../../components/page";

export default function RunPage(): React.JSX.Element {
  return (
    <Page title="Run">
      <PageSkeleton />
    </Page>
  );
}
