import { Page, PageSkeleton } from "../../components/page";

export default function AccountPage(): React.JSX.Element {
  return (
    <Page title="Account">
      <PageSkeleton />
    </Page>
  );
}
