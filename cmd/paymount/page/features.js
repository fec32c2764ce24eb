// What the page offers besides checkout. Switch a part off where its endpoint is not mounted.
export const features = {
  changePlan: true, // POST /update-subscription and /update-subscription/preview
  cancel: true, // POST /cancel-subscription
  resume: true, // POST /resume-subscription
  portal: true, // POST /customer-portal
};
