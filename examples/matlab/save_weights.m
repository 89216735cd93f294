function save_weights (net, file, version)
% SAVE_WEIGHTS  Write a network's weights for `rescast generate OPTIONS.yaml -w FILE`.
%
%   save_weights (net, 'net.mat')            a dlnetwork, DAGNetwork or SeriesNetwork
%   save_weights (net, 'net.mat', '-v7.3')   more than 2 GB in one file need version 7.3
%
% The file holds one variable: a struct array `layers` with a field Name and a field for each property below, empty
% where a layer has none. Arrays stay as MATLAB has them; rescast puts their axes in order. A plain struct with the
% field Layers (a struct array with Name and such properties) does instead of a network: Octave runs this file too.

if nargin < 3
  version = '-v7';
end
properties = {'Weights', 'Bias', 'Scale', 'Offset', 'TrainedMean', 'TrainedVariance', 'Alpha', 'Mean', ...
              'StandardDeviation'};

layers = struct ('Name', {});
for i = 1:numel (net.Layers)
  layer = net.Layers(i);
  layers(i).Name = char (layer.Name);
  for k = 1:numel (properties)
    layers(i).(properties{k}) = [];
    if has (layer, properties{k})
      layers(i).(properties{k}) = plain (layer.(properties{k}));
    end
  end
end

% In a dlnetwork the tables hold what was trained: layer, parameter, value.
tables = {'Learnables', 'State'};
for t = 1:numel (tables)
  if has (net, tables{t})
    table = net.(tables{t});
    for r = 1:numel (table.Layer)
      parameter = char (table.Parameter(r));
      i = find (strcmp (char (table.Layer(r)), {layers.Name}));
      if numel (i) ~= 1 || ~any (strcmp (parameter, properties))
        error ('%s of layer %s has no place in the file', parameter, char (table.Layer(r)));
      end
      layers(i).(parameter) = plain (table.Value{r});
    end
  end
end

save (file, 'layers', version);
end

function yes = has (object, name)
yes = (isstruct (object) && isfield (object, name)) || (isobject (object) && isprop (object, name));
end

% Numbers in memory: no dlarray, no gpuArray; halves as singles.
function value = plain (value)
if isa (value, 'dlarray')
  value = extractdata (value);
end
if isa (value, 'gpuArray')
  value = gather (value);
end
if isa (value, 'half')
  value = single (value);
end
if ~isnumeric (value)
  value = [];
end
end
