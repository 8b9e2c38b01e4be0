import { Page, PageSkeleton } from "../../components/page";

export default function SharedRunPage(): React.JSX.Element {
  return (
    <Page title="A shared run">
      <PageSkeleton />
    </Page>
  );
}
