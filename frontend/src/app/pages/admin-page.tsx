import { Page, PageSkeleton } from "../../components/page";

export default function AdminPage(): React.JSX.Element {
  return (
    <Page title="Admin">
      <PageSkeleton />
    </Page>
  );
}
