import { useSyncExternalStore } from "react";
import { useDispatch } from "react-redux";

import { datasetsApi } from "../../api/datasets-api";
import { useServices } from "../../api/services";
import type { Session } from "../../api/session";
import type { Transfer } from "./transfer";
import { Uploader } from "./uploader";

const uploaders = new WeakMap<Session, Uploader>();

/** The one uploader of this tab, and what it does. It goes on when the page that shows it is left. */
export function useUploader(): { uploader: Uploader; transfers: readonly Transfer[] } {
  const { session } = useServices();
  const dispatch = useDispatch();
  let uploader = uploaders.get(session);
  if (!uploader) {
    uploader = new Uploader(session, () => {
      dispatch(datasetsApi.util.invalidateTags(["Datasets", "Uploads", "Me"]));
    });
    uploaders.set(session, uploader);
  }
  const { subscribe, get } = uploader.transfers;
  return { uploader, transfers: useSyncExternalStore(subscribe, get) };
}
