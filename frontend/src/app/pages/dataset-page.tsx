import Button from "@mui/material/Button";
import { useSnackbar } from "notistack";
import { Link, useNavigate, useParams } from "react-router-dom";

import { useDatasetQuery } from "../../api/datasets-api";
import { EmptyState, Page, PageSkeleton } from "../../components/page";
import { DatasetView } from "../../features/datasets/dataset-view";

export default function DatasetPage(): React.JSX.Element {
  const { datasetId = "" } = useParams();
  const { currentData: dataset, error } = useDatasetQuery(datasetId, { refetchOnMountOrArgChange: true });
  const navigate = useNavigate();
  const { enqueueSnackbar } = useSnackbar();
  const leave = (name: string): void => {
    enqueueSnackbar(`Deleted ${name}`);
    void navigate("/datasets");
  };
  return (
    <Page title={dataset?.name ?? "Dataset"}>
      {!dataset && !error && <PageSkeleton />}
      {dataset && <DatasetView dataset={dataset} onDeleted={() => leave(dataset.name)} />}
      {error && !dataset && (
        <EmptyState
          title="This dataset is not there"
          text="It may have been deleted, or the server cannot be reached at the moment."
          action={
            <Button component={Link} to="/datasets" variant="outlined">
              All datasets
            </Button>
          }
        />
      )}
    </Page>
  );
}
