import { Page, PageSkeleton } from "../../components/page";

export default function DatasetsPage(): React.JSX.Element {
  return (
    <Page title="Datasets">
      <PageSkeleton />
    </Page>
  );
}
