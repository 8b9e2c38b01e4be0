import { Page, PageSkeleton } from "../../components/page";

export default function DatasetPage(): React.JSX.Element {
  return (
    <Page title="Dataset">
      <PageSkeleton />
    </Page>
  );
}
