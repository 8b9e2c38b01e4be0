import { Page, PageSkeleton } from "../../components/page";

export default function TemplatesPage(): React.JSX.Element {
  return (
    <Page title="Templates">
      <PageSkeleton />
    </Page>
  );
}
