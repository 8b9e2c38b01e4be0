import Alert from "@mui/material/Alert";

import { useNoticeQuery } from "../api/notice-api";

const REFRESH_MS = 60_000;
const DRAINING = "Maintenance: new runs wait in the queue for now.";

/** What operators tell everybody. */
export function NoticeBanner(): React.JSX.Element | null {
  const { data } = useNoticeQuery(undefined, { pollingInterval: REFRESH_MS, refetchOnFocus: true });
  const text = [data?.draining && DRAINING, data?.text].filter(Boolean).join(" ");
  if (!text) return null;
  return (
    <Alert severity="info" role="status" sx={{ borderRadius: 0, py: 0 }}>
      {text}
    </Alert>
  );
}
