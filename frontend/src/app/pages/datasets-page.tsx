import { Page } from "../../components/page";
import { DatasetsView } from "../../features/datasets/datasets-view";

export default function DatasetsPage(): React.JSX.Element {
  return (
    <Page title="Datasets">
      <DatasetsView />
    </Page>
  );
}
