import { Page, PageSkeleton } from "../../components/page";

export default function ComparePage(): React.JSX.Element {
  return (
    <Page title="Compare runs">
      <PageSkeleton />
    </Page>
  );
}
